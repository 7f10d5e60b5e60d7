# files of src/reader
