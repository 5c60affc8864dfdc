"""What differs between the five APIs, and nothing else.

What may enter: pure functions that read a request body into the normal form, judge whether an
answer is whole, build a whole answer from a stream's events, cut a whole answer into events, and
word an error in the API's own shape. One module an API; `dialect.py` says what each must offer.
"""
