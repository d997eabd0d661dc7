"""What serves the project's own work and never ships."""
