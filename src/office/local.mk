# files of src/office
