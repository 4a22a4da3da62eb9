"""The embeddings endpoint of the reference gateway."""
