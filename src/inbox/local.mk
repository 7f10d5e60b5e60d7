# files of src/inbox
