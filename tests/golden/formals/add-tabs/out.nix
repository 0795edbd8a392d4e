{
	self,
	aa,
	zz,
	...
}:
{ }
