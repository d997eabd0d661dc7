"""From the generator's numbers to a clip: features, joint rotations, feet. numpy only."""
