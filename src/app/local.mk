# files of src/app
