/** Running a model: an engine loads it, a session decodes batches of tokens of many sequences and keeps their KV memory. */
@Export
@Version("1.1.0")
package meshwork.api.engine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
