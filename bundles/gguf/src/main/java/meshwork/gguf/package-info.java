/** Model files in GGUF format: reading, checking before native code sees them, and writing. Plain Java, no OSGi type. */
@Export
@Version("1.0.0")
package meshwork.gguf;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
