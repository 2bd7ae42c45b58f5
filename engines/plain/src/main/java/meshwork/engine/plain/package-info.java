/** Engines in plain Java: an author writes which token is likely to follow, the rest of an engine is here. */
@Export
@Version("1.0.0")
package meshwork.engine.plain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
