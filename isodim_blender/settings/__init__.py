"""What a person sets, stored in the scene, in objects and Actions."""
