{
	time.timeZone = "Europe/Vienna";
}
