{
	networking.hostName = "neon";
}
