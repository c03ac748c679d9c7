// Package ci writes what checks have found in the forms that servers for continuous
// integration read: JUnit's XML and SARIF.
package ci
