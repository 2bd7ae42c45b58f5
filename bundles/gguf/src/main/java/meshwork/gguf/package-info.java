/** Model files in GGUF format: reading, checking before native code sees them, and writing. Plain Java, no OSGi type. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package meshwork.gguf;
