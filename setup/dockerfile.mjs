// @ts-check

/**
 * What a lab's Dockerfile asks of its build, by its own words.
 * @typedef {object} DockerfileNeeds
 * @property {string} [lab] the lab of this checkout that it is FROM, "debian"
 * @property {boolean} base whether it takes a base image of the build's choice: ARG BASE
 * @property {boolean} whoami whether it takes the name of a whoami image: ARG WHOAMI_IMAGE
 * @property {boolean} tools whether it copies kubectl and helm: COPY bin/
 */

/**
 * @param {string} text of a Dockerfile
 * @returns {DockerfileNeeds}
 */
export function dockerfileNeeds(text) {
  const lab = /^FROM\s+ssh-lab-factory\/lab-([a-z0-9-]+)(?::latest)?\s*$/im.exec(text)?.[1];
  return {
    ...(lab !== undefined && { lab }),
    base: /^ARG\s+BASE\b/im.test(text),
    whoami: /^ARG\s+WHOAMI_IMAGE\b/im.test(text),
    tools: /^COPY\s+bin\/\s/im.test(text),
  };
}
