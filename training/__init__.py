"""Training: data preparation, one command per model, evaluation. Runs headless; imports backend and contract, never bpy."""
