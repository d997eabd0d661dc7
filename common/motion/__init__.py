"""Motion in numpy: skeleton, quaternions, clips and their files, feet, seams."""
