"""Several drafts of a clip instead of one: what a sentence asks for, what is true of a draft, and which draft is kept."""
