"""How the noxfile's sessions get their environments and run their tests; nothing of this ships."""
