# files of src/notes
