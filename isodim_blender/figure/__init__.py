"""The figure that a clip gets where no armature is meant: an IsoDiM armature that wears the mannequin, where it can be seen."""
