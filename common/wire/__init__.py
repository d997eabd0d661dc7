"""What goes over the pipe: requests, messages, their JSON-RPC frames and arrays."""
