"""Every op beside its derivative, by kind: shape, elementwise, reduce, linalg, activation, conv,
pool, norm, loss. How an op is made stands in primitive.py."""
