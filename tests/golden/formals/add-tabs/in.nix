{
	self,
	aa,
	...
}:
{ }
