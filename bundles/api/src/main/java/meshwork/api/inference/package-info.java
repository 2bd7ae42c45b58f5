/** What the APIs and the mesh ask of a node: models to be there, and text to be generated. */
@Export
@Version("2.0.0")
package meshwork.api.inference;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
