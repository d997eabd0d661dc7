"""The extension as packages: a folder a platform and Python, with the wheels that the child needs."""
