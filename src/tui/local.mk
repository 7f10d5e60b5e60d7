# files of src/tui
