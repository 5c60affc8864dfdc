"""The five APIs: what is read from a request, and what is made of an answer."""
