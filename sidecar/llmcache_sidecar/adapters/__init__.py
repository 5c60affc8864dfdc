"""The ports' implementations, and what wraps them: deadlines, queues, the first level.

What may enter: classes that implement a port or stand in front of one, and the formats that they
store. Settings come in as constructor arguments or small frozen dataclasses; nothing here reads the
environment or knows the configuration's schema. Nothing of a vendor (Redis, a client library's
errors) leaves through a port: trouble is `StoreError`, a body that can't be read is absent.
"""
