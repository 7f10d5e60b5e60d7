# files of src/mail
