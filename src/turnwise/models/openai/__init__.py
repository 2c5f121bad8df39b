"""The OpenAI-compatible provider: address, wire format, reading of answers, client."""
