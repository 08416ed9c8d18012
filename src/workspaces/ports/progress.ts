/** Tells the person who waits what is happening now: a short phrase in the present, "pulling rancher/k3s". */
export type Progress = (step: string) => void;
