# files of src/chat
