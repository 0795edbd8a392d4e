# Another release of this stub is a copy of it with another number here.
"25.11"
