"""`transformers:PATH_OR_ID`: a Hugging Face model in this process, its requests gathered into batches."""
