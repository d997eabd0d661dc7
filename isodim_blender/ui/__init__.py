"""What a person sees: panels, menus, properties, preferences."""
