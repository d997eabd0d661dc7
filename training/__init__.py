"""Training: data preparation, one command per model, evaluation. Runs headless; imports backend and common, never bpy."""
