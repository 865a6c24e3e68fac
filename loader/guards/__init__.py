"""What leaves this process: no control character, no secret, no file that others can read."""
