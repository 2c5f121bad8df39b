"""How much harm there is, over the length of a conversation: rates, Safety Index, first unsafe length, trend."""
