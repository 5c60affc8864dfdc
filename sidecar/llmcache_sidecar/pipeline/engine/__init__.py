"""What is known of the engine, and the inferences that are under way.

What may enter: the engine's profile, load and judgement of keys; flights, here and on other replicas.
Nothing here knows whether an answer is stored.
"""
