"""Motion generators: text features and known tokens in, FSQ coordinates out; one file per family."""
