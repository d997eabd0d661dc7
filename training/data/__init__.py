"""From a corpus to the batches that training draws."""
