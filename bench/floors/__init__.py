"""What callme is measured against: the same parts of the machine doing the least that there is to do."""
