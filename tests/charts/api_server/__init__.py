"""The chart on a real API server: all that it renders is accepted, and all that it grants is used."""
