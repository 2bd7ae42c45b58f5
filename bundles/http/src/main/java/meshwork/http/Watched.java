package meshwork.http;

/** A connection that can be watched for its end while nobody reads from it. */
interface Watched {

	Watch watch();
}
