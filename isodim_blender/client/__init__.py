"""The backend's process and the jobs it is given; no bpy."""
