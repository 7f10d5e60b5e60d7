# files of src/command
