"""What formats share: changes and problems, JSON walked as a stream, pictures and PNG maps."""
