"""What one member or sender can make others pay: counted in calls, rows and bytes."""
