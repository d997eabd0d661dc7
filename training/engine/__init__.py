"""What every training run shares: settings, loop, state, devices."""
