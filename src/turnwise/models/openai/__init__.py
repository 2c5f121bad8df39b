"""The OpenAI-compatible provider: address, wire format, reading of answers, client. Only the client needs aiohttp."""
