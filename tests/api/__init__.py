"""The contract: what people may write, and what they are told when it is wrong."""
