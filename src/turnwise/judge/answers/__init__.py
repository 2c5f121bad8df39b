"""What a reply to a question answers: strictly read, and as the published code read it."""
